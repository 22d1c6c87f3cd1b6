"""HTTP/1.1 on asyncio: connections, what goes over them, and where they are accepted."""
