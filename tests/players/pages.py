"""Two real players on a page each: an item goes in with what a candidate answers, its outcomes come out.

Both are read from the folder that QBANK_QTI_PLAYERS names (a ``node_modules`` with ``qti3-item-player`` and
``@citolab/qti-components``); nothing else is fetched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.browser.chromium import Page

FOLDER = Path(os.environ.get("QBANK_QTI_PLAYERS") or "/nonexistent")
PLAYERS = ("qti3-item-player", "qti-components")
SOURCES = {
    "qti3-item-player": ("vue/dist/vue.min.js", "qti3-item-player/dist/qti3Player.umd.min.js"),
    "qti-components": ("@citolab/qti-components/cdn/index.global.js",),
}
STYLES = {"qti3-item-player": ("qti3-item-player/dist/qti3Player.css",), "qti-components": ()}

# Responses are put where the player keeps what a candidate has done; the player then ends the attempt by itself.
AMP = """
console.log = console.debug = () => {};
let ready, ended, n = 0;
new Vue({
  components: {player: qti3Player},
  template: '<player ref="player" suppress-alert-messages suppress-invalid-response-messages container-class="qti3-player-container-fluid" ' +
    '@notifyQti3ItemReady="ready" @notifyQti3EndAttemptCompleted="ended"></player>',
  methods: {ready() { if (ready) ready(); }, ended(data) { if (ended) ended(data.state); }},
  mounted() { window.player = this.$refs.player; },
}).$mount('#here');
function within(node, found = []) {
  for (const child of node.$children) { if (child.interactionType || child.setResponse) found.push(child); within(child, found); }
  return found;
}
async function show(xml, feedback) {
  const loaded = new Promise((done) => { ready = done; });
  player.loadItemFromXml(xml + ' '.repeat(++n % 9), {guid: String(Math.random()), sessionControl: {show_feedback: feedback, max_attempts: 0, validate_responses: false}});
  await soon(loaded);
}
async function answer(given) {
  const places = within(player);
  for (const name of Object.keys(given)) {
    const place = places.find((one) => one.responseIdentifier === name);
    if (!place) throw new Error('no interaction ' + name);
    place.setResponse(given[name]);
  }
  return ending();
}
async function ending() {
  const finished = new Promise((done) => { ended = done; });
  player.endAttempt('x');
  const state = await soon(finished);
  return Object.fromEntries(state.outcomeVariables.map((one) => [one.identifier, one.value]));
}
async function outcomes(xml, all, feedback = false) {
  const found = [];
  for (const given of all) { await show(xml, feedback); found.push(await answer(given)); }
  return found;
}
"""
CITO = """
console.log = console.info = console.debug = () => {};
async function show(xml) {
  document.getElementById('here').innerHTML = '<qti-item><item-container></item-container></qti-item>';
  const container = document.querySelector('item-container');
  await container.updateComplete;
  const connected = new Promise((done) => document.addEventListener('qti-assessment-item-connected', (event) => done(event.detail), {once: true}));
  container.itemXML = xml;
  window.item = await soon(connected);
  await item.updateComplete;
  await new Promise((done) => setTimeout(done, 0));
}
async function answer(given) {
  for (const variable of item.variables) if (variable.type === 'response' && !['numAttempts', 'duration'].includes(variable.identifier)) item.updateResponseVariable(variable.identifier, null);
  item.responses = Object.keys(given).map((name) => ({responseIdentifier: name, response: given[name]}));
  item.processResponse();
  return Object.fromEntries(item.variables.filter((one) => one.type === 'outcome').map((one) => [one.identifier, one.value]));
}
async function outcomes(xml, all) {
  await show(xml);
  const found = [];
  for (const given of all) found.push(await answer(given));
  return found;
}
"""
SOON = """
function soon(promise) {
  return Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error('the player is silent')), 60000))]);
}
"""
SCRIPTS = {"qti3-item-player": AMP, "qti-components": CITO}


def page_text(player: str, address: Callable[[str], str]) -> str:
    """Return the page of a player; ``address`` gives that of a file of the folder."""
    styles = "".join(f'<link rel="stylesheet" href="{address(name)}">' for name in STYLES[player])
    scripts = "".join(f'<script src="{address(name)}"></script>' for name in SOURCES[player])
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">{styles}</head><body><div id="here"></div>'
        f"{scripts}<script>{SOON}{SCRIPTS[player]}</script></body></html>"
    )


def write_page(player: str, folder: Path) -> Path:
    """Write the page of a player and return its path."""
    page = folder / f"{player}.html"
    page.write_text(page_text(player, lambda name: (FOLDER / name).as_uri()), encoding="utf-8")
    return page


def outcomes(page: Page, xml: str, answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the outcomes of an item after each of the answers, each given to a fresh attempt."""
    return list(page.ask(f"outcomes({json.dumps(xml)}, {json.dumps(answers)})"))
