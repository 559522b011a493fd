"""The main job with real networks on a machine that is cut off from every other."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

LOOPBACK_ONLY = """
import errno, fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    name = b"lo".ljust(16, b"\\0")
    request = struct.pack("16sh14x", name, 0)
    flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, 0x8913, request))[1]
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", name, flags | 1))
with socket.socket() as outside:
    assert outside.connect_ex(("192.0.2.1", 443)) == errno.ENETUNREACH
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Bring up loopback, make sure that nothing else can be reached, become the command."""


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.xdist_group("prefect")
def test_the_main_job_with_real_networks_needs_no_network_and_asks_for_none(
    job, strace, tmp_path: Path
) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], check=False).returncode:
        pytest.skip("unshare is missing, or only root may cut off the network here")
    box, library = tmp_path / "box", tmp_path / "library"
    box.mkdir()
    tifffile.imwrite(box / "tiny.tif", aged_picture(), photometric="rgb")
    alone = {k: v for k, v in job.environment.items() if k != "PREFECT_API_URL"}
    traced = strace("--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg")
    said = job.run(
        *job.words(library, "archive", box),
        before=[*traced, unshare, "-n", sys.executable, "-c", LOOPBACK_ONLY],
        environment=alone,
    )
    assert said.code == 0, said
    assert said.err == ""
    (master,) = (library / "exports" / "masters").iterdir()
    assert tifffile.imread(master).shape == (144, 144, 3)
    used = job.rows(library, "select stage, decision, models from step where models != '[]'")
    found = {stage: (decision, models) for stage, decision, models in used}
    assert found["artifacts"][0] == "applied"
    assert "RealESRGAN_x4plus-ncnn" in found["artifacts"][1]
    assert "CenterFace" in found["diagnose"][1]
    log = (tmp_path / "strace.log").read_text("utf-8", "replace")
    asked = set(re.findall(r'(?:inet_addr\(|AF_INET6, )"([^"]+)"', log)) - {"192.0.2.1"}
    assert asked
    assert all(address.startswith("127.") or address == "::1" for address in asked), asked


def aged_picture() -> np.ndarray:
    """Noise, blur and a yellow cast, uint16 (144, 144, 3)."""
    rng = np.random.default_rng(5)
    picture = np.kron(rng.uniform(0.2, 0.8, (9, 9, 1)), np.ones((16, 16, 3)))
    picture = cv2.GaussianBlur(picture, (0, 0), 1.5) * [1.0, 0.9, 0.6]
    picture += rng.normal(0, 0.04, picture.shape)
    return np.round(np.clip(picture, 0, 1) * 65535).astype(np.uint16)
