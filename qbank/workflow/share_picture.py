"""The code of a share read out of a scan, a photograph or the sheet itself."""

from __future__ import annotations

from pathlib import Path


def code_in(path: Path) -> str:
    """Return what the first readable QR code of a file says, "" where there is none; nothing is kept of the picture."""
    import cv2

    from qbank.omr import Damaged, pictures_of

    detector = cv2.QRCodeDetector()
    try:
        for picture in pictures_of(path.read_bytes()):
            for scale in (1.0, 0.5, 2.0):
                seen = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                try:
                    said, _, _ = detector.detectAndDecode(seen)
                except (cv2.error, UnicodeDecodeError):
                    continue
                if said:
                    return str(said)
    except Damaged:
        return ""
    return ""
