"""How kernels are started: forked from a process that has imported everything, their connections encrypted.

`WarmProvisioner` is the standard seam (entry point `jupyter_client.kernel_provisioners`), so that the runner, nbval and
JupyterLab start the same kernel. Where a fork is not possible an ordinary kernel is started, and the log says why.
Notebooks themselves name `python3`, which everyone has.
"""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from warm_kernels import fingerprints, forks

NAME = "childrens-services"
NOTES_FILE = "files-read.txt"
_SPEC = {
    "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Children's services (warm)",
    "language": "python",
    "metadata": {
        "debugger": True,
        "supported_encryption": ["curve"],
        "kernel_provisioner": {"provisioner_name": NAME},
    },
}


class WarmProvisioner(LocalProvisioner):
    """Start kernels as forks, and as ordinary processes where a fork is not possible or not safe."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Encrypt the connection wherever the kernel can: nbval and JupyterLab do not ask for it."""
        return await super().pre_launch(**{"transport_encryption": "auto"} | kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel that obeys the same command, environment and folder."""
        try:
            self.process = await asyncio.to_thread(_fork, cmd, kwargs)
        except forks.Unavailable as reason:
            self.log.info("An ordinary kernel is started: %s", reason)
            return await super().launch_kernel(cmd, **kwargs)
        # No group for signals: they go through the process that can tell whether the kernel is still the same one.
        self.pid, self.pgid, self.cwd = self.process.pid, None, kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and wait a moment for it rather than leave that to a poll every tenth of a second."""
        await super().kill(restart)
        if isinstance(self.process, forks.ForkedKernel):
            await asyncio.to_thread(self.process.wait, 0.5)


def _fork(cmd: list[str], kwargs: dict[str, Any]) -> forks.ForkedKernel:
    if cmd[1:3] != ["-m", "ipykernel_launcher"] or kwargs.get("independent"):
        raise forks.Unavailable("it is not a kernel of ipykernel's own launcher")
    try:
        outputs = tuple(_descriptor(kwargs.get(name), i) for i, name in enumerate(("stdout", "stderr"), start=1))
    except (AttributeError, OSError) as error:
        raise forks.Unavailable("its output goes to something that is no file") from error
    return forks.fork_kernel(cmd[3:], kwargs["env"], str(kwargs.get("cwd") or Path.cwd()), outputs)


def _descriptor(given: Any, default: int) -> int:
    """Give the descriptor of a file, as Popen takes it; PIPE and its like have none that could be passed on."""
    number = default if given is None else given if isinstance(given, int) else given.fileno()
    if number < 0:
        raise OSError("no descriptor")
    os.fstat(number)
    return number


class PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel has answered on both channels, without a pause to be sure."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask who is there until the answer has come and the kernel is idle again; RuntimeError where it never does."""
        end = monotonic() + (timeout or 60)
        while monotonic() < end:
            asked = self.kernel_info()
            try:
                reply = await self._answer_to(asked)
            except Empty:
                if not await self._async_is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
                continue
            return self._handle_kernel_info_reply(reply)
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _answer_to(self, asked: str) -> dict[str, Any]:
        """Give the reply to a request, once the idle that follows it has come too; raises Empty after a second."""
        reply = await self.get_shell_msg(timeout=1)
        while reply["parent_header"].get("msg_id") != asked:
            reply = await self.get_shell_msg(timeout=1)
        while True:
            told = await self.get_iopub_msg(timeout=1)
            if told["parent_header"].get("msg_id") == asked and told["content"].get("execution_state") == "idle":
                return reply


class WarmKernelManager(AsyncKernelManager):
    """A manager of warm kernels that needs no installed kernelspec; its kernels note which files they read."""

    transport_encryption = Unicode("auto", config=True)
    client_class = Unicode("warm_kernels.kernels.PromptClient")
    client_factory = PromptClient

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernelspec of every kernel, in memory."""
        return KernelSpec(**_SPEC, env={fingerprints.NOTES: NOTES_FILE})


class ColdKernelManager(WarmKernelManager):
    """The same manager with ordinary kernels: what warm ones are held against."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernelspec of every kernel, in memory, without our provisioner."""
        metadata = {name: value for name, value in _SPEC["metadata"].items() if name != "kernel_provisioner"}
        return KernelSpec(**_SPEC | {"metadata": metadata}, env={fingerprints.NOTES: NOTES_FILE})


def installed() -> Path:
    """Give the folder of the kernelspec in this environment, whether it is there or not."""
    return Path(sys.prefix) / "share" / "jupyter" / "kernels" / NAME


def install() -> Path:
    """Write the kernelspec into this environment, for JupyterLab and nbval; the same again changes nothing."""
    folder = installed()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(_SPEC, indent=1) + "\n", encoding="utf-8")
    return folder


def remove() -> Path:
    """Take the kernelspec out of this environment; nothing where there is none."""
    shutil.rmtree(installed(), ignore_errors=True)
    return installed()
