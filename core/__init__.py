"""EmotionShortForm without a window: everything here runs in a terminal or a notebook."""

import os

__version__ = "0.1.0"

# torch's threads wait by spinning unless they are told otherwise before torch is loaded: on a
# machine that has other things to do, the networks would then be many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
