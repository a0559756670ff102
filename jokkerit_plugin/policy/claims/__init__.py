"""Which category claims which field, a kind of tables a module. `policy.fields` has all."""
