"""What is wrong with the body of one kind of item."""

TEXTS: dict[str, str] = {
    # Pictures
    "Q301": "there is no picture {path}",
    "Q301.hint": "put the picture into the bank's folder (for instance media/), or correct the path",
    "Q302": "the path of the picture {path} does not lie in the bank's folder",
    "Q302.hint": "write a path from the bank's folder, as media/lance.svg; no address, no absolute path, no .., no link that leads out",
    "Q303": "the picture {path} is not SVG, PNG or JPEG (the file begins: {detail})",
    "Q303.hint": "save it as SVG (drawings) or as PNG or JPEG (photographs)",
    "Q304": "the picture {path} has no alternative text",
    "Q304.hint": "say between the brackets what it shows: ![section of a lance tip, three places marked A, B, C](media/lance.svg)",
    "Q305": "the picture {path} is larger than {megabytes} MB",
    "Q305.hint": "make it smaller; a picture is 16 cm wide on paper, and 2000 pixels are enough for that",
    "Q306": "the picture {path} holds what is not allowed: {detail}",
    "Q306.hint": "an SVG holds no script, link, outside file, entity or nested copy; save it as plain SVG",
    "Q307": "the picture {path} is damaged: {detail}",
    "Q307.hint": "save it again from the drawing program; an SVG needs width, height or viewBox",
    "Q308": "the picture {path} is too large: {detail} pixels",
    "Q308.hint": "make it smaller; a picture is 16 cm wide on paper, and 2000 pixels are enough for that",
    "Q309": "the picture {path} cannot be read: {detail}",
    "Q309.hint": "check its name and permissions",
}
