"""What is measured in pictures and sound, one signal a file."""
