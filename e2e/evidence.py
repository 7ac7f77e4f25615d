"""The console, network and screenshots of a test, kept when the test fails."""

from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Request, Response


class Evidence:
    """Records the console and the network of a browser context."""

    def __init__(self, context: BrowserContext) -> None:
        self.console: list[str] = []
        self.network: list[str] = []
        self._context = context
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _on_response(self, response: Response) -> None:
        request = response.request
        self.network.append(f"{request.method} {response.url} → {response.status}")

    def _on_failure(self, request: Request) -> None:
        self.network.append(f"{request.method} {request.url} → {request.failure}")

    def keep(self, folder: Path) -> None:
        """Write a screenshot of each page, console.txt and network.txt."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(self._context.pages, 1):
            try:
                page.screenshot(path=folder / f"screenshot-{number}.png", full_page=True)
            except Error as error:
                self.console.append(f"screenshot failed: {error}")
        (folder / "console.txt").write_text("\n".join(self.console))
        (folder / "network.txt").write_text("\n".join(self.network))
