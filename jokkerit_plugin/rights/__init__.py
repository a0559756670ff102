"""The rights of the people in the register: what they ask, by when it is answered, and how."""
