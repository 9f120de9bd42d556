"""Descriptions of web shops are HTML; ours are plain text."""

import re
from html import unescape

# What browsers do not show: comments, styles and scripts, from the opening to the closing mark.
HIDDEN = re.compile(r"(<!--|-->|<(?:style|script)\b|</(?:style|script)\s*>)", re.I)
LINE_ENDS = re.compile(r"<(?:br|/p|/div|/li|/tr|/ul|/ol|/table|/h[1-6])\b[^<>]*>", re.I)
# A tag ends before the next one begins, so that a text of a thousand `<` is read once.
TAG = re.compile(r"</?[a-z][^<>]*>", re.I)


def text_of_html(html):
    """Return the text that a browser would show, paragraphs and list items on lines of their own."""
    if "<" not in html and "&" not in html:
        return html.strip()
    visible = re.sub(r"\s+", " ", without_hidden(html))
    text = unescape(TAG.sub("", LINE_ENDS.sub("\n", visible))).replace("\xa0", " ")
    lines = (re.sub(r" +", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def without_hidden(html):
    parts, is_hidden = [], False
    for part in HIDDEN.split(html):
        if HIDDEN.fullmatch(part):
            is_hidden = part != "-->" and not part.startswith("</")
        elif not is_hidden:
            parts.append(part)
    return "".join(parts)
