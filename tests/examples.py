"""Valid requests of each operation, from the contract's own examples."""

from typing import Any, NamedTuple

from contract import repository


class Example(NamedTuple):
    """A request: the path template and its parameters, the query, the headers and a JSON body."""

    method: str
    template: str
    parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def path(self) -> str:
        return self.template.format(**self.parameters)


def requests() -> dict[str, Example]:
    """Return a request of each operation, by operationId."""
    document = repository.read()[0]
    return {
        operation["operationId"]: example(path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def example(path: str, method: str, operation: dict[str, Any]) -> Example:
    values: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.get("parameters", []):
        value = parameter["example"]
        if isinstance(value, list):
            value = ",".join(map(str, value))  # arrays that the contract separates by commas
        text = str(value).lower() if isinstance(value, bool) else str(value)
        values[parameter["in"]][parameter["name"]] = text
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Example(
        method.upper(),
        path,
        values["path"],
        values["query"],
        values["header"],
        content.get("example"),
    )
