"""How kernels are started: one ordinary kernel a notebook, its connection encrypted.

Without encryption every headless run prints a warning about plain TCP; the keys cost nothing and remove its reason.
"""

from jupyter_client.manager import AsyncKernelManager
from traitlets import Unicode


class EncryptedKernelManager(AsyncKernelManager):
    """A kernel manager that encrypts its connections wherever the kernel can."""

    transport_encryption = Unicode("auto", config=True)
