"""Networks: the catalogue, finding and verifying weights, tiled inference, the face detector.

Needs only torch, numpy, OpenCV and spandrel, so it runs on a bare GPU machine.
"""
