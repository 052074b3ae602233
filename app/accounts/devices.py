"""What a browser calls itself, in two words that its owner recognises."""

BROWSERS = (
    ("FBAN", "Facebook"), ("FBAV", "Facebook"), ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device(agent: str | None) -> str:
    """`Chrome, Android`; '' when nothing is known."""
    found = [
        next((name for mark, name in names if mark in (agent or "")), "") for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found))
