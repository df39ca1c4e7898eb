"""Chemistry as mhchem's manual has it: what is read, what it becomes, and that no text breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.chemistry import chemistry_in, latex_of_chemistry, rewrite_chemistry
from qbank.core.chemistry_reader import ChemistryFault
from qbank.render.formulae import formula_faults

READ = {
    "CrO4^2-": r"\mathrm{CrO}_{4}^{2-}", "[AgCl2]-": r"[\mathrm{AgCl}_{2}]^{-}", "Y^99+": r"\mathrm{Y}^{99+}",
    "0.5 H2O": r"0.5\, \mathrm{H}_{2}\mathrm{O}", "1/2H2O": r"\frac{1}{2}\,\mathrm{H}_{2}\mathrm{O}", "n H2O": r"n\, \mathrm{H}_{2}\mathrm{O}",
    "^{227}_{90}Th+": r"{}^{227}_{90}\mathrm{Th}^{+}", "^0_-1n-": r"{}^{0}_{-1}\mathrm{n}^{-}", "H^3HO": r"\mathrm{H}{}^{3}\mathrm{HO}",
    "MnO-SiO2-Al2O3": r"\mathrm{MnO}\text{–}\mathrm{SiO}_{2}\text{–}\mathrm{Al}_{2}\mathrm{O}_{3}",
    "A-B=C#D": r"\mathrm{A}\text{–}\mathrm{B}\text{=}\mathrm{C}\text{≡}\mathrm{D}", r"A\bond{=}B": r"\mathrm{A}\text{=}\mathrm{B}",
    "[C] + [O] = CO": r"[\mathrm{C}] + [\mathrm{O}] = \mathrm{CO}", "(CaO)": r"(\mathrm{CaO})",
    "KCr(SO4)2*12H2O": r"\mathrm{KCr}(\mathrm{SO}_{4})_{2}\cdot 12\,\mathrm{H}_{2}\mathrm{O}",
    "CaSO4.2H2O": r"\mathrm{CaSO}_{4}\cdot 2\,\mathrm{H}_{2}\mathrm{O}", "2CaO·SiO2": r"2\,\mathrm{CaO}\cdot \mathrm{SiO}_{2}",
    "Fe0.95O": r"\mathrm{Fe}_{0.95}\mathrm{O}", "Fe_{1-x}O": r"\mathrm{Fe}_{1-x}\mathrm{O}", "Fe_tO": r"\mathrm{Fe}_{t}\mathrm{O}",
    "Fe^{II}Fe^{III}2O4": r"\mathrm{Fe}^{\mathrm{II}}\mathrm{Fe}^{\mathrm{III}}_{2}\mathrm{O}_{4}",
    "CaCO3 ->[\\Delta][900 ℃] CaO + CO2 ^": r"\mathrm{CaCO}_{3} \underset{\text{900 ℃}}{\overset{\Delta}{⟶}} \mathrm{CaO} + \mathrm{CO}_{2} \uparrow",
    "Ba^2+ + SO4^2- -> BaSO4 v": r"\mathrm{Ba}^{2+} + \mathrm{SO}_{4}^{2-} \rightarrow \mathrm{BaSO}_{4} \downarrow",
    "A <=>[+ H2O] B": r"\mathrm{A} \overset{+ \mathrm{H}_{2}\mathrm{O}}{\rightleftharpoons} \mathrm{B}",
    "H2(aq)": r"\mathrm{H}_{2}(\mathrm{aq})", "CO3^2-_{(aq)}": r"\mathrm{CO}_{3}^{2-}{}_{(\mathrm{aq})}", "e-": r"\mathrm{e}^{-}",
    "{Gluconic Acid} + H2O2": r"\text{Gluconic Acid} + \mathrm{H}_{2}\mathrm{O}_{2}", "OCO^{.-}": r"\mathrm{OCO}^{\bullet -}",
    r"\frac{[Hg^2+][Hg]}{[Hg2^2+]}": r"\frac{[\mathrm{Hg}^{2+}][\mathrm{Hg}]}{[\mathrm{Hg}_{2}^{2+}]}",
    r"[Pt(\eta^2-C2H4)Cl3]-": r"[\mathrm{Pt}(\eta ^{2}\text{–}\mathrm{C}_{2}\mathrm{H}_{4})\mathrm{Cl}_{3}]^{-}",
    "Fe(CN)_{$\\frac{6}{2}$}": r"\mathrm{Fe}(\mathrm{CN})_{\frac{6}{2}}",
    "CH4 + 2 $\\left( \\ce{O2 + 79/21 N2} \\right)$": r"\mathrm{CH}_{4} + 2\, {\left( {\mathrm{O}_{2} + \frac{79}{21}\, \mathrm{N}_{2}} \right)}",
    r"[\{(X2)3\}2]^3+": r"[\{(\mathrm{X}_{2})_{3}\}_{2}]^{3+}", "O''_{i,x}": r"\mathrm{O}^{\prime\prime}_{i,x}",
    "A <- B": r"\mathrm{A} \leftarrow \mathrm{B}", "A <-> B": r"\mathrm{A} \leftrightarrow \mathrm{B}", "A - B": r"\mathrm{A} - \mathrm{B}",
}  # fmt: skip
REFUSED = {
    "CO+O2": 2, r"\foo": 0, "FeO1.5": 4, "(CaO": 0, "CaO]": 3, "A ->[x B": 4, "{abc": 0, "CO~2": 2, "a&b": 1, "H^2^3": 3,
    r"\frac{1}": 0, "H@2": 1, "2H2 ->[\\foo] O": 7, "A ->[{a_b}] B": 7, r"\frac{H@}{O}": 7, "X^{\\foo}": 3,
}  # fmt: skip


@pytest.mark.parametrize("source", READ)
def test_what_the_manual_of_mhchem_has_is_read(source: str) -> None:
    assert latex_of_chemistry(source) == READ[source]


def test_what_it_becomes_is_latex_that_every_renderer_reads() -> None:
    assert formula_faults(READ.values()) == {}


@pytest.mark.parametrize("source", REFUSED)
def test_what_cannot_be_read_is_refused_where_it_stands(source: str) -> None:
    with pytest.raises(ChemistryFault) as refused:
        latex_of_chemistry(source)
    assert refused.value.offset == REFUSED[source]
    assert source.startswith(refused.value.found, REFUSED[source])


def test_every_formula_of_a_text_that_cannot_be_read_is_told_with_its_place() -> None:
    text = "含 \\ce{CO+O2} 和 $\\ce{H2O}$、\\ce{(CaO}、\\ce{}、\\ce{H2"
    faults = {latex.offset: latex.found for _, _, latex in chemistry_in(text) if isinstance(latex, ChemistryFault)}
    assert faults == {text.index("+O2"): "+O2", text.index("(CaO"): "(CaO", text.index("\\ce{}"): "\\ce{}", text.rindex("\\ce"): "\\ce{H2"}


@given(st.text(st.sampled_from("CaO2H+-=.*^_()[]{}$\\ '<>v#/,%℃高Δn"), max_size=30))
def test_no_chemistry_breaks_the_reader(source: str) -> None:
    try:
        latex = latex_of_chemistry(source)
    except ChemistryFault as refused:
        assert 0 <= refused.offset <= len(source)
    else:
        assert latex.count("{") - latex.count("\\{") == latex.count("}") - latex.count("\\}")


@given(st.text(st.sampled_from("CO2$\\ce{} +->[]"), max_size=30))
def test_no_text_breaks_the_rewriting_of_its_chemistry(text: str) -> None:
    try:
        rewritten = rewrite_chemistry(text)
    except ChemistryFault as refused:
        assert 0 <= refused.offset <= len(text)
    else:
        assert list(chemistry_in(rewritten)) == []
