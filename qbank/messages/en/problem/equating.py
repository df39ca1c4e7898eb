"""Equating."""

TEXTS: dict[str, str] = {
    "N101": "the sitting has no paper {paper} (it has: {papers})",
    "N101.hint": "name one of them with --to",
    "N102": "there is no equating method {method}",
    "N102.hint": "there are: {methods}",
    "N103": "not in this sitting: {items}",
    "N103.hint": "anchors are items that both papers have: give their ids, separated by commas",
    "N104": "method {method} does not work for this sitting (design: {design}, its candidates and data)",
    "N104.hint": "leave --method out to see which methods there are",
    "N110": "equating refused: the papers of sitting {id} were neither given out at random nor joined by common items (design: none). "
    "Candidates only .3 standard deviations apart would pass for about 3 marks of difficulty",
    "N110.hint": "if papers were in fact given out at random, import again with --design spiralled; with enough common items, --design anchor",
    "N111": "equating paper {paper} to {base} refused: {n} common items can be used (of {common}), needed are {needs}",
    "N111.hint": "decide on the items that wait (qbank decide), or put more common items into the next papers",
    "N112": "paper {paper} is not equated to {base}: the smaller one has {n} candidates, needed are {needs}; they are taken as equally "
    "difficult and the cut stays",
    "N112.hint": "with few candidates several sittings are better analysed together",
    "N113": "paper {paper} is not equated to {base}: all totals are equal",
    "N113.hint": "check keys and scoring",
    "N114": "sitting {id} has not two papers that anybody sat: there is nothing to equate",
    "N114.hint": "equating is for two papers or more",
    "N120": "accepting and taking back an equated cut needs a reason",
    "N120.hint": 'give it with --why "…"',
    "N121": "the accepted cut of paper {papers} was equated from other marks than those of now",
    "N121.hint": "look at qbank equate {id} again, and accept what it says with --accept, or take the cut back with --take-back",
    "N122": "there is no equated cut to accept in sitting {id}",
    "N122.hint": "what hinders each paper is said above; the cut of the sitting holds",
    "N123": "no equated cut was accepted in sitting {id}",
    "N123.hint": "qbank equate {id} --accept --why … accepts one",
    "N124": "not equated, the cut of the sitting holds ({cut} marks): paper {papers}",
    "N124.hint": "what hinders each paper is said above",
}
