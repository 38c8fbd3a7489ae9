"""Lets the window of a short follow the subject of a video.

``views`` looks at small pictures a few times a second, ``faces`` finds faces in them and follows
them over time, ``interest`` says where something moves or stands out, ``targets`` decides what the
window should be on, and ``path`` moves it there as a calm operator would.
"""

from core.export.reframe.follow import follow_subject

__all__ = ["follow_subject"]
