"""The description of the register: written from policy and settings, published, kept true."""
