"""The models of one run: loaded on first use, kept, and told apart by role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.core.errors import UnknownModel, WeightsMissing
from pipeline.models.catalog import DETECTORS
from pipeline.models.devices import choose_device
from pipeline.models.provider import FaceDetector, FaceEmbedder, FaceRestorer, Upscaler
from pipeline.models.weights import ResolvedModel

if TYPE_CHECKING:
    from pipeline.models.engine import NetworkUpscaler
    from pipeline.models.load import Network

_EMBEDDERS = frozenset({"dlib-resnet"})

_NO_UPSCALERS = DETECTORS | _EMBEDDERS | {"GFPGAN"}


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
        self._detectors: dict[str, FaceDetector] = {}
        self._restorers: dict[str, FaceRestorer] = {}
        self._embedder: FaceEmbedder | None = None

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
        return self._face_detector(self._chosen("face_detector"))

    def second_face_detector(self) -> FaceDetector | None:
        """The network for `second_face_detector`, or None; errors as for `upscaler`."""
        chosen = self.resolved.get("second_face_detector")
        return None if chosen is None else self._face_detector(chosen)

    def face_restorer(self, name: str | None = None) -> FaceRestorer:
        """The network chosen for `faces`, or the one of that name; errors as for `upscaler`."""
        usual = self.resolved.get("faces")
        if name is None or (usual is not None and usual.card.name == name):
            chosen = self._chosen("faces")
        else:
            chosen = self._chosen(f"faces:{name}")
        key = chosen.card.sha256
        if key not in self._restorers:
            from pipeline.models.face_restorer import GfpganRestorer, UpscalerRestorer

            if chosen.card.architecture == "GFPGAN":
                self._restorers[key] = GfpganRestorer(self._network(chosen), self.device)
            else:
                self._restorers[key] = UpscalerRestorer(self._upscaler(chosen))
        return self._restorers[key]

    def face_embedder(self) -> FaceEmbedder | None:
        """The network for `face_embedding`, or None; errors as for `upscaler`."""
        chosen = self.resolved.get("face_embedding")
        if chosen is None:
            return None
        if self._embedder is None:
            if chosen.card.architecture not in _EMBEDDERS:
                raise UnknownModel(f"{chosen.card.name} tells no face from another")
            from pipeline.models.face_embedder import DlibFaceEmbedder

            self._embedder = DlibFaceEmbedder(chosen)
        return self._embedder

    def _face_detector(self, chosen: ResolvedModel) -> FaceDetector:
        key = chosen.card.sha256
        if key not in self._detectors:
            self._detectors[key] = _loaded_detector(chosen)
        return self._detectors[key]

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


def _loaded_detector(chosen: ResolvedModel) -> FaceDetector:
    if chosen.card.architecture == "CenterFace":
        from pipeline.models.face_detector import CenterFaceDetector

        return CenterFaceDetector(chosen)
    if chosen.card.architecture == "YuNet":
        from pipeline.models.yunet_detector import YunetDetector

        return YunetDetector(chosen)
    raise UnknownModel(f"{chosen.card.name} is no face detector")
