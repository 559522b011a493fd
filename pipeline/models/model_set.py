"""The models of one run: loaded on first use, kept, and told apart by role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.core.errors import UnknownModel, WeightsMissing
from pipeline.models.devices import choose_device
from pipeline.models.provider import FaceDetector, FaceRestorer, Upscaler
from pipeline.models.weights import ResolvedModel

if TYPE_CHECKING:
    from pipeline.models.engine import NetworkUpscaler
    from pipeline.models.load import Network

_NO_UPSCALERS = frozenset({"GFPGAN", "CenterFace"})


class ModelSet:
    """Implements `provider.ModelSource` over resolved weights files.

    A file's digest is checked again in the moment it is loaded. Two roles played by the same
    file share one network. `torch` is imported with the first network, not before, unless the
    device has to be found out.

    Args:
        resolved: role -> weights, as `weights.resolve` gives them.
        device: "auto", "cpu", "cuda" or "mps".

    Raises:
        UsageError: the device was asked for by name and cannot be used.
    """

    def __init__(self, resolved: Mapping[str, ResolvedModel], device: str = "auto") -> None:
        self.resolved = dict(resolved)
        self.device = choose_device(device)
        self._networks: dict[str, Network] = {}
        self._upscalers: dict[str, NetworkUpscaler] = {}
        self._detector: FaceDetector | None = None
        self._restorer: FaceRestorer | None = None

    def upscaler(self, role: str) -> Upscaler:
        """The network chosen for `artifacts`, `deblur` or `enlarge`.

        Raises:
            WeightsMissing: no model was resolved for the role, or its file is gone.
            WeightsWrong: the file changed since it was resolved.
            UnknownModel: the model chosen for the role is no super-resolution network.
        """
        return self._upscaler(self._chosen(role))

    def face_detector(self) -> FaceDetector:
        """The network chosen for `face_detector`; errors as for `upscaler`."""
        if self._detector is None:
            chosen = self._chosen("face_detector")
            if chosen.card.architecture != "CenterFace":
                raise UnknownModel(f"{chosen.card.name} is no face detector")
            from pipeline.models.face_detector import CenterFaceDetector

            self._detector = CenterFaceDetector(chosen)
        return self._detector

    def face_restorer(self) -> FaceRestorer:
        """The network chosen for `faces`; errors as for `upscaler`."""
        if self._restorer is None:
            chosen = self._chosen("faces")
            from pipeline.models.face_restorer import GfpganRestorer, UpscalerRestorer

            if chosen.card.architecture == "GFPGAN":
                self._restorer = GfpganRestorer(self._network(chosen), self.device)
            else:
                self._restorer = UpscalerRestorer(self._upscaler(chosen))
        return self._restorer

    def _chosen(self, role: str) -> ResolvedModel:
        try:
            return self.resolved[role]
        except KeyError:
            raise WeightsMissing(f"no model was resolved for the role {role!r}") from None

    def _upscaler(self, chosen: ResolvedModel) -> NetworkUpscaler:
        if chosen.card.architecture in _NO_UPSCALERS:
            raise UnknownModel(f"{chosen.card.name} is no super-resolution network")
        key = chosen.card.sha256
        if key not in self._upscalers:
            from pipeline.models.engine import NetworkUpscaler

            self._upscalers[key] = NetworkUpscaler(self._network(chosen), self.device)
        return self._upscalers[key]

    def _network(self, chosen: ResolvedModel) -> Network:
        key = chosen.card.sha256
        if key not in self._networks:
            from pipeline.models.load import load_network

            self._networks[key] = load_network(chosen)
        return self._networks[key]
