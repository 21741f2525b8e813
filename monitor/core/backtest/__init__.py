"""What would have happened: recorded calls run again with an overflow rule in force.

``run`` is the way in, ``result`` what comes out; ``past_*`` is the recorded centre, put together
again from its calls.
"""
