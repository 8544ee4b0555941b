"""Looks at a page of the report as the browser left it: charts, marks, addresses."""
import re
import sys
from html.parser import HTMLParser

SHAPES = {"path", "rect", "circle", "line", "text"}


class Charts(HTMLParser):
    """Counts the shapes that marks drew (not axes or legends) in every figure."""

    def __init__(self):
        super().__init__()
        self.marks = {}
        self.titles = {}
        self.figure = None
        self.groups = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "figure":
            self.figure = values["data-figure"]
            self.marks[self.figure] = 0
            self.titles[self.figure] = 0
        if self.figure is None:
            return
        if tag == "g":
            self.groups.append(values.get("class", ""))
        is_mark = any("role-mark" in group for group in self.groups)
        if tag in SHAPES and is_mark and values.get("d") != "":
            self.marks[self.figure] += 1
        if tag == "text" and any("role-axis-title" in group for group in self.groups):
            self.titles[self.figure] += 1

    def handle_endtag(self, tag):
        if tag == "figure":
            self.figure = None
        if tag == "g" and self.groups:
            self.groups.pop()


class Addresses(HTMLParser):
    """Collects the addresses that a browser would load or the page links to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in {"src", "href", "srcset", "data", "action", "xlink:href"}:
                self.found.append((tag, value))


def check_offline(text):
    addresses = Addresses()
    addresses.feed(text)
    outside = [a for a in addresses.found if not a[1].startswith(("#", "data:"))]
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.S))
    if re.search(r"@import|url\(", style):
        outside.append(("style", "@import or url()"))
    if "default-src 'none'" not in text:
        outside.append(("page", "no policy against loading"))
    return [f"loads or links {tag} {value}" for tag, value in outside]


def check_charts(text, wanted):
    charts = Charts()
    charts.feed(text)
    problems = [f"{name}: no marks" for name, count in charts.marks.items() if count == 0]
    problems += [f"{name}: no axis title" for name, count in charts.titles.items() if count == 0]
    if len(charts.marks) != wanted:
        problems.append(f"{len(charts.marks)} figures, expected {wanted}")
    if re.search(r"NaN|Infinity", re.sub(r"<script.*?</script>", "", text, flags=re.S)):
        problems.append("NaN or Infinity is shown")
    return problems


def main():
    if sys.argv[1] == "--offline":
        problems = check_offline(open(sys.argv[2], encoding="utf-8").read())
    else:
        problems = check_charts(open(sys.argv[1], encoding="utf-8").read(), int(sys.argv[2]))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
