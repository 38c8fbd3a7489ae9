"""From a video file to pictures, sound and their exact times."""
