"""How long things are kept: constants of the law and of the register description."""

#: The log of who looked, counted from the look. Claims for damages lapse in 3 years from when
#: the harm was known (Limitation Act 728/2003, s. 7), which may be some time after the look.
ACCESS_LOG_YEARS = 5

#: A breach and who was affected, from its closing on: as the log, it answers claims for damages.
BREACH_YEARS = 5

#: What was wrong before a correction, from that on, and what a recipient was told of, from its
#: telling: claims lapse in 3 years (Limitation Act 728/2003, s. 4 and 7).
CORRECTION_YEARS = 3

#: Requests of people about their own data, from their closing on.
REQUEST_YEARS = 3
