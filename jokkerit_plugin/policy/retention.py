"""How long things are kept: constants of the law and of the register description."""

#: The log of who looked, counted from the look. Claims for damages lapse in 3 years from when
#: the harm was known (Limitation Act 728/2003, s. 7), which may be some time after the look.
ACCESS_LOG_YEARS = 5

#: Requests of people about their own data, from their closing on.
REQUEST_YEARS = 3
