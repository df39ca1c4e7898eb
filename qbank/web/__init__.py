"""What listens on a socket: the desk of an exam room."""
