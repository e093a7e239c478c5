"""How kernels are started: forked from a process that has imported everything.

`WarmProvisioner` is an entry point of `jupyter_client.kernel_provisioners`, so that JupyterLab, nbval, papermill and
the runner start the same kernel. Where a fork is not possible an ordinary kernel is started, and the log says why.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint
from math import ceil
from pathlib import Path
from queue import Empty
from typing import Any
from weakref import WeakSet

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Dict, List, Unicode
from traitlets.config import Config

from warm_kernels import forks, notes
from warm_kernels.settings import Settings

__all__ = ["WarmProvisioner", "folder_of", "install", "kernelspec"]

_PROVISIONER = "warm-kernels"  # the name of the entry point


def kernelspec(settings: Settings) -> dict[str, Any]:
    """Return the kernelspec of a project's warm kernels, as `kernel.json` holds it."""
    provisioner = {"provisioner_name": _PROVISIONER, "config": settings.preloaded()}
    return {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": settings.title,
        "language": "python",
        "metadata": {"debugger": True, "supported_encryption": ["curve"], "kernel_provisioner": provisioner},
    }


def install(settings: Settings, prefix: Path | None = None) -> Path:
    """Write the kernelspec into this environment, or below another folder, and return its folder.

    By the name `python3`, below a folder that JUPYTER_PATH names, every Python notebook opens on a warm kernel.
    """
    folder = folder_of(settings, prefix)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(kernelspec(settings), indent=1) + "\n", encoding="utf-8")
    return folder


def folder_of(settings: Settings, prefix: Path | None = None) -> Path:
    """Return the folder of the kernelspec, whether it is installed or not."""
    return (prefix or Path(sys.prefix) / "share" / "jupyter") / "kernels" / settings.name


def _load_jupyter_server_extension(server: Any) -> None:
    """Let the kernels that a Jupyter server offers get warm before the first is asked for."""
    for found in server.kernel_spec_manager.get_all_specs().values():
        provisioner = found["spec"].get("metadata", {}).get("kernel_provisioner", {})
        if provisioner.get("provisioner_name") == _PROVISIONER:
            forks.start(Settings(**provisioner["config"]))


class WarmProvisioner(LocalProvisioner):
    """Start kernels as forks, and as ordinary processes where a fork is not possible or not safe.

    The kernelspec's `metadata.kernel_provisioner.config` holds the traits, which are fields of `Settings`.
    """

    preload = List(Unicode())
    library = List(Unicode())
    library_files = List(Unicode(), default_value=["*.py"])

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Encrypt the connection wherever the kernel can: nbval and JupyterLab do not ask for it."""
        return await super().pre_launch(**{"transport_encryption": "auto"} | kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel that obeys the same command, environment and folder."""
        settings = Settings(preload=self.preload, library=self.library, library_files=self.library_files)
        try:
            self.process = await asyncio.to_thread(_fork, cmd, kwargs, settings)
        except forks.Unavailable as reason:
            self.log.info("An ordinary kernel is started: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        # No group for signals: they go through the process, which looks first whether it has ended.
        self.pid, self.pgid, self.cwd = self.process.pid, None, kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and wait a moment for it rather than leave that to a poll every tenth of a second."""
        await super().kill(restart)
        if isinstance(self.process, forks.ForkedKernel):
            await asyncio.to_thread(self.process.wait, 0.5)


def _fork(cmd: list[str], kwargs: dict[str, Any], settings: Settings) -> forks.ForkedKernel:
    if cmd[1:3] != ["-m", "ipykernel_launcher"] or kwargs.get("independent"):
        raise forks.Unavailable("it is not a kernel of ipykernel's own launcher")
    given = [
        default if (file := kwargs.get(name)) is None else file for name, default in (("stdout", 1), ("stderr", 2))
    ]
    try:
        outputs = [file if isinstance(file, int) else file.fileno() for file in given]
        list(map(os.fstat, outputs))  # PIPE and its like are numbers that could not be passed on
    except (AttributeError, OSError) as error:
        raise forks.Unavailable("its output goes to something that is no file") from error
    return forks.fork_kernel(cmd[3:], kwargs["env"], str(kwargs.get("cwd") or Path.cwd()), outputs, settings)


class PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel has answered on both channels, without a pause to be sure."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask who is there until the answer has come and the kernel is idle again; RuntimeError where it never does."""
        for _ in range(ceil(timeout or 60)):
            with suppress(Empty, TimeoutError):
                asked = (await self.kernel_info(reply=True, timeout=1))["parent_header"]["msg_id"]
                told = None
                while told != (asked, "idle"):
                    message = await self.get_iopub_msg(timeout=1)
                    told = message["parent_header"].get("msg_id"), message["content"].get("execution_state")
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


_running: WeakSet[AsyncKernelManager] = WeakSet()


class RunManager(AsyncKernelManager):
    """The manager of one notebook's run, which needs no installed kernelspec: `run_config` hands it one."""

    spec = Dict(config=True)
    transport_encryption = Unicode("auto", config=True)
    client_class = Unicode("warm_kernels.kernels.PromptClient")
    client_factory = PromptClient

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _running.add(self)

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernelspec of the kernel, in memory."""
        return KernelSpec(**self.spec)


def end_runs() -> None:
    """End the kernels of all notebooks that run here, from whatever thread."""
    for manager in list(_running):
        if process := getattr(manager.provisioner, "process", None):
            process.kill()


def run_config(settings: Settings, folder: Path, warm: bool) -> Config:
    """Return the configuration of `RunManager` for a notebook that runs in a private folder; `warm=False` is ordinary.

    The kernel notes what it reads. It is reached by sockets in the folder, which need no network; by TCP, encrypted,
    where their paths would be too long.
    """
    # As the entry point says, so that the package works where it is not installed.
    entry = EntryPoint(_PROVISIONER, f"{__name__}:{WarmProvisioner.__name__}", "jupyter_client.kernel_provisioners")
    KernelProvisionerFactory.instance().provisioners[_PROVISIONER] = entry
    spec = kernelspec(settings) | {"env": notes.environment(settings)}
    spec["argv"] = [*spec["argv"], f"--ext={notes.__name__}"]
    if not warm:
        del spec["metadata"]["kernel_provisioner"]
    file = str(folder / "kernel.json")
    sockets = sys.platform != "win32" and len(os.fsencode(file)) <= 100  # which every system allows
    return Config(RunManager={"spec": spec, "connection_file": file, "transport": "ipc" if sockets else "tcp"})
