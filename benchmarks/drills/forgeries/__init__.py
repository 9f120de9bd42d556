"""What strangers send to the addresses of each provider: true deliveries, and what is made of them.

Each module has FORGERIES, of which nothing may move, MISMATCHES, which may be kept as money of no order, and
for fuzzing an `example`, its vital PARTS, and `deliver`, which signs where the provider does.
"""
