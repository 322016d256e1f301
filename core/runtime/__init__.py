"""Runs models: the catalogue of model files and the sessions that execute them.

ONNX Runtime from 1.29 on tells its maker about the machine and every model, from the moment of its
import, unless this variable says no. What runs here is nobody else's to know.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
