"""What is said in a video, as text over the short and beside it."""
