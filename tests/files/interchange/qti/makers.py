"""Packages as other makers write them: made by hand after what public documentation tells of each, with its quirks.

`PACKAGES` holds for each a name, its files, and what must come of it: the kinds of the items, or the code of the refusal.
"""

from __future__ import annotations

from dataclasses import dataclass

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
V21, V22, V3 = "http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imsqti_v2p2", "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
CHOICES = '<simpleChoice identifier="c1">铁</simpleChoice><simpleChoice identifier="c2">铜</simpleChoice><simpleChoice identifier="c3">金</simpleChoice>'
RIGHT = '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"><correctResponse><value>c2</value></correctResponse></responseDeclaration>'
ASK = f'<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1"><prompt>哪种？</prompt>{CHOICES}</choiceInteraction>'
MATCH = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'
MAP = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"/>'


@dataclass(frozen=True)
class Package:
    """files : by name ; kinds : of the items that are read ; refused : codes of the errors, all of them"""

    files: dict[str, str | bytes]
    kinds: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def item(inside: str, *, space: str = V21, more: str = "", id: str = "i1") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><assessmentItem xmlns="{space}" identifier="{id}" title="一题" adaptive="false" timeDependent="false"{more}>{inside}</assessmentItem>'


def body(inside: str, declared: str = RIGHT, processing: str = MATCH, **how: str) -> str:
    return item(f"{declared}<outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float'/><itemBody>{inside}</itemBody>{processing}", **how)


def old(inside: str, head: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<questestinterop>{inside}</questestinterop>'


def manifest(*resources: tuple[str, str, str], space: str = "http://www.imsglobal.org/xsd/imscp_v1p1") -> str:
    """Return a manifest: (type, file, id of a dependency or "") by resource."""
    rows = "".join(
        f'<resource identifier="r{n}" type="{type}" href="{href}"><file href="{href}"/>{f"<dependency identifierref={chr(34)}{other}{chr(34)}/>" if other else ""}</resource>'
        for n, (type, href, other) in enumerate(resources)
    )
    return f'<manifest xmlns="{space}" identifier="M"><metadata><schema>QTI Package</schema><schemaversion>2.1</schemaversion></metadata><organizations/><resources>{rows}</resources></manifest>'


PREFIXED = (
    f'<q:assessmentItem xmlns:q="{V21}" xmlns:h="http://www.w3.org/1999/xhtml" identifier="i" title="t" adaptive="false" timeDependent="false">'
    '<q:responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"><q:correctResponse><q:value>c1</q:value></q:correctResponse></q:responseDeclaration>'
    '<q:itemBody><h:p>带前缀的<h:strong>粗</h:strong>体</h:p><q:choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">'
    '<q:simpleChoice identifier="c1">甲</q:simpleChoice><q:simpleChoice identifier="c2">乙</q:simpleChoice></q:choiceInteraction></q:itemBody></q:assessmentItem>'
)
V3_ITEM = (
    f'<qti-assessment-item xmlns="{V3}" identifier="s1" title="t" time-dependent="false"><qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">'
    '<qti-correct-response><qti-value>a</qti-value></qti-correct-response></qti-response-declaration>{refs}<qti-item-body>{before}<p>依据材料作答。</p>'
    '<qti-choice-interaction response-identifier="RESPONSE" max-choices="1"><qti-simple-choice identifier="a">升高{more}</qti-simple-choice>'
    '<qti-simple-choice identifier="b">降低</qti-simple-choice></qti-choice-interaction></qti-item-body>'
    '<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/></qti-assessment-item>'
)


def v3(refs: str = "", before: str = "", more: str = "") -> str:
    return V3_ITEM.format(refs=refs, before=before, more=more)


STIMULUS = f'<qti-assessment-stimulus xmlns="{V3}" identifier="m1" title="炉温记录"><qti-stimulus-body><p>炉温 1600 ℃。</p><table><tr><th>时间</th><td>8:00</td></tr></table></qti-stimulus-body></qti-assessment-stimulus>'
COMPANIONS = (
    '<qti-companion-materials-info><qti-calculator><qti-calculator-type>scientific</qti-calculator-type><qti-description>计算器</qti-description></qti-calculator>'
    '<qti-physical-material>尺</qti-physical-material></qti-companion-materials-info>'
)
KPRIM = body(
    '<p>判断各说法。</p><matchInteraction responseIdentifier="KPRIM_RESPONSE_1" shuffle="false" maxAssociations="4" class="match_krpim"><simpleMatchSet>'
    + "".join(f'<simpleAssociableChoice identifier="s{n}" matchMax="1" matchMin="1"><p>说法{n}</p></simpleAssociableChoice>' for n in range(1, 5))
    + '</simpleMatchSet><simpleMatchSet><simpleAssociableChoice identifier="correct" matchMax="4">正确</simpleAssociableChoice><simpleAssociableChoice identifier="wrong" matchMax="4">错误</simpleAssociableChoice>'
    "</simpleMatchSet></matchInteraction>",
    '<responseDeclaration identifier="KPRIM_RESPONSE_1" cardinality="multiple" baseType="directedPair"><correctResponse><value>s1 correct</value><value>s2 wrong</value><value>s3 correct</value><value>s4 wrong</value></correctResponse>'
    '<mapping defaultValue="0.0"><mapEntry mapKey="s1 correct" mappedValue="0.25"/><mapEntry mapKey="s2 wrong" mappedValue="0.25"/><mapEntry mapKey="s3 correct" mappedValue="0.25"/><mapEntry mapKey="s4 wrong" mappedValue="0.25"/></mapping></responseDeclaration>'
    '<outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float"><defaultValue><value>1.0</value></defaultValue></outcomeDeclaration>'
    '<outcomeDeclaration identifier="MINSCORE" cardinality="single" baseType="float" view="testConstructor"><defaultValue><value>0.0</value></defaultValue></outcomeDeclaration>',
    MAP, more=' toolName="OpenOLAT"',
)
TAO = body(
    f'<div class="grid-row"><div class="col-12"><choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="0" minChoices="0" orientation="vertical"><prompt><p>哪几种？</p></prompt>{CHOICES}</choiceInteraction></div></div>',
    '<responseDeclaration identifier="RESPONSE" cardinality="multiple" baseType="identifier"><correctResponse><value><![CDATA[c1]]></value><value><![CDATA[c3]]></value></correctResponse>'
    '<mapping defaultValue="0"><mapEntry mapKey="c1" mappedValue="0.33333333333333331"/><mapEntry mapKey="c2" mappedValue="-0.33333333333333331"/><mapEntry mapKey="c3" mappedValue="0.33333333333333331"/></mapping></responseDeclaration>',
    '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"/>', space=V22, more=' toolName="TAO" toolVersion="3.4.0" label="x"',
)
ONYX = item(
    RIGHT + '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"><defaultValue><value>0.0</value></defaultValue></outcomeDeclaration>'
    '<outcomeDeclaration identifier="FEEDBACKBASIC" cardinality="single" baseType="identifier"><defaultValue><value>empty</value></defaultValue></outcomeDeclaration>'
    '<outcomeDeclaration identifier="FEEDBACKMODAL" cardinality="multiple" baseType="identifier"/>'
    f"<itemBody><p>题干</p>{ASK}</itemBody><responseProcessing><responseCondition><responseIf><isNull><variable identifier=\"RESPONSE\"/></isNull>"
    '<setOutcomeValue identifier="FEEDBACKBASIC"><baseValue baseType="identifier">empty</baseValue></setOutcomeValue></responseIf><responseElseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>'
    '<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/><variable identifier="MAXSCORE"/></sum></setOutcomeValue></responseElseIf></responseCondition></responseProcessing>'
    '<modalFeedback outcomeIdentifier="FEEDBACKMODAL" identifier="f1" showHide="show" title="说明"><p>因为是铜。</p></modalFeedback>',
    more=' toolName="ONYX Editor" toolVersion="7.1"',
)
TEMPLATED = item(
    '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="integer"/><templateDeclaration identifier="X" cardinality="single" baseType="integer"/>'
    '<templateProcessing><setTemplateValue identifier="X"><randomInteger min="1" max="9"/></setTemplateValue><setCorrectResponse identifier="RESPONSE"><variable identifier="X"/></setCorrectResponse></templateProcessing>'
    '<itemBody><p>写出 <printedVariable identifier="X"/>：<textEntryInteraction responseIdentifier="RESPONSE"/></p></itemBody>'
)
SECTIONS = (
    f'<assessmentTest xmlns="{V21}" identifier="t" title="期中"><testPart identifier="p" navigationMode="linear" submissionMode="individual"><assessmentSection identifier="a" title="甲" visible="true">'
    '<assessmentSection identifier="b" title="乙" visible="true"><selection select="1"/><ordering shuffle="true"/><assessmentItemRef identifier="i1" href="items/i1.xml"><weight identifier="W" value="2.5"/></assessmentItemRef>'
    '<assessmentItemRef identifier="i2" href="items/i2.xml" category="x" required="true"/></assessmentSection></assessmentSection></testPart><outcomeProcessing><setOutcomeValue identifier="SCORE"><sum><testVariables variableIdentifier="SCORE" weightIdentifier="W"/></sum></setOutcomeValue></outcomeProcessing></assessmentTest>'
)
FLOW = '<flow class="FORMATTED_TEXT_BLOCK"><material><mat_extension><mat_formattedtext type="HTML">{}</mat_formattedtext></mat_extension></material></flow>'
BLACKBOARD = old(
    '<assessment title="题库"><section><item maxattempts="0"><itemmetadata><bbmd_asi_object_id>_1_1</bbmd_asi_object_id><bbmd_asitype>Item</bbmd_asitype><bbmd_questiontype>Multiple Choice</bbmd_questiontype><qmd_absolutescore_max>5.0</qmd_absolutescore_max></itemmetadata>'
    '<presentation><flow class="Block"><flow class="QUESTION_BLOCK">' + FLOW.format("&lt;p&gt;哪种&lt;b&gt;金属&lt;/b&gt;？&lt;/p&gt;") + '</flow><flow class="RESPONSE_BLOCK"><response_lid ident="response" rcardinality="Single" rtiming="No"><render_choice shuffle="No" minnumber="0" maxnumber="0">'
    + "".join(f'<flow_label class="Block"><response_label ident="x{n}" shuffle="Yes" rarea="Ellipse" rrange="Exact">{FLOW.format(word)}</response_label></flow_label>' for n, word in enumerate(("铁", "铜", "金")))
    + '</render_choice></response_lid></flow></flow></presentation><resprocessing scoremodel="SumOfScores"><outcomes><decvar varname="SCORE" vartype="Decimal" defaultval="0" minvalue="0" maxvalue="5"/></outcomes>'
    '<respcondition title="correct"><conditionvar><varequal respident="response" case="No">x1</varequal></conditionvar><setvar variablename="SCORE" action="Set">SCORE.max</setvar><displayfeedback linkrefid="correct" feedbacktype="Response"/></respcondition>'
    '<respcondition title="incorrect"><conditionvar><other/></conditionvar><setvar variablename="SCORE" action="Set">0</setvar></respcondition></resprocessing></item></section></assessment>'
)
RESPONDUS = old(
    '<assessment ident="a" title="测验"><section ident="s"><item title="1" ident="QUE_1"><itemmetadata><qmd_itemtype>Logical Identifier</qmd_itemtype></itemmetadata><presentation><material><mattext texttype="text/html"><![CDATA[<p>2&nbsp;+ 3 &lt; 6？</p>]]></mattext></material>'
    '<response_lid ident="QUE_1_RL" rcardinality="Single" rtiming="No"><render_choice><response_label ident="T"><material><mattext texttype="text/plain">True</mattext></material></response_label><response_label ident="F"><material><mattext>False</mattext></material></response_label></render_choice></response_lid></presentation>'
    '<resprocessing><outcomes><decvar vartype="Integer" defaultval="0" varname="que_score" minvalue="0" maxvalue="1"/></outcomes><respcondition><conditionvar><varequal respident="QUE_1_RL">T</varequal></conditionvar><setvar action="Add" varname="que_score">1</setvar></respcondition></resprocessing></item>'
    '<item title="2" ident="QUE_2"><presentation><material><mattext>首都是</mattext></material><response_str ident="QUE_2_RS" rcardinality="Single"><render_fib columns="20" rows="1"><response_label ident="QUE_2_ANS"/></render_fib></response_str></presentation>'
    '<resprocessing><outcomes><decvar vartype="Integer" defaultval="0" varname="que_score"/></outcomes><respcondition><conditionvar><varequal respident="QUE_2_RS" case="No">北京</varequal></conditionvar><setvar action="Add" varname="que_score">1</setvar></respcondition></resprocessing></item></section></assessment>',
    '<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2.dtd">',
)
D2L = (
    '<?xml version="1.0"?><questestinterop xmlns:d2l_2p0="http://desire2learn.com/xsd/d2lcp_v2p0"><objectbank ident="QLIB" d2l_2p0:x="1"><section ident="S"><item ident="OBJ_1" label="Q1" d2l_2p0:page="1" title="题"><itemmetadata><qtidata/>'
    '<qtimetadata><qti_metadatafield><fieldlabel>qmd_computerscored</fieldlabel><fieldentry>yes</fieldentry></qti_metadatafield><qti_metadatafield><fieldlabel>qmd_questiontype</fieldlabel><fieldentry>Multiple Choice</fieldentry></qti_metadatafield>'
    '<qti_metadatafield><fieldlabel>qmd_weighting</fieldlabel><fieldentry>2.000000000</fieldentry></qti_metadatafield></qtimetadata></itemmetadata><itemproc_extension><d2l_2p0:difficulty>1</d2l_2p0:difficulty></itemproc_extension>'
    '<presentation><flow><material><mattext texttype="text/html">哪种？</mattext></material><response_extension><d2l_2p0:display_style>2</d2l_2p0:display_style></response_extension><response_lid ident="L" rcardinality="Single"><render_choice shuffle="no">'
    '<flow_label class="Block"><response_label ident="A1"><flow_mat><material><mattext texttype="text/html">甲</mattext></material></flow_mat></response_label></flow_label><flow_label class="Block"><response_label ident="A2"><flow_mat><material><mattext texttype="text/html">乙</mattext></material></flow_mat></response_label></flow_label>'
    '</render_choice></response_lid></flow></presentation><resprocessing><respcondition title="R"><conditionvar><varequal respident="L">A1</varequal></conditionvar><setvar action="Set">0.000000000</setvar></respcondition>'
    '<respcondition title="R"><conditionvar><varequal respident="L">A2</varequal></conditionvar><setvar action="Set">100.000000000</setvar></respcondition></resprocessing></item></section></objectbank></questestinterop>'
)
MOODLE2 = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_item_v2p0" identifier="QUE_7" title="问答" adaptive="false" timeDependent="false"><responseDeclaration identifier="R7" cardinality="single" baseType="string"/>'
    '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="integer"/><itemBody><div class="assesmentItemBody"><p>说明原因。</p></div><div class="interactive.extendedText"><extendedTextInteraction responseIdentifier="R7" expectedLength="600"/></div></itemBody></assessmentItem>'
)
MATHML = '<m:math xmlns:m="http://www.w3.org/1998/Math/MathML"><m:semantics><m:mfrac><m:mi>a</m:mi><m:mn>2</m:mn></m:mfrac></m:semantics></m:math>'
AREA = (
    '<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="{base}"><correctResponse><value>{value}</value></correctResponse></responseDeclaration>'
)
PICTURE = '<object type="image/png" data="p.png" width="100" height="80">图</object>'
ASSOCIATE = (
    '<responseDeclaration identifier="RESPONSE" cardinality="multiple" baseType="pair"><correctResponse>{pairs}</correctResponse></responseDeclaration>'
)


def associate(*pairs: str) -> str:
    asked = "".join(f'<simpleAssociableChoice identifier="{one}" matchMax="1">{word}</simpleAssociableChoice>' for one, word in zip("ABCDEF", ("铁", "铜", "金", "Fe", "Cu", "Au"), strict=True))
    return body(f'<associateInteraction responseIdentifier="RESPONSE" shuffle="true" maxAssociations="3"><prompt>配对</prompt>{asked}</associateInteraction>', ASSOCIATE.format(pairs="".join(f"<value>{pair}</value>" for pair in pairs)))


PACKAGES: dict[str, Package] = {
    "name spaces with prefixes": Package({"a.xml": PREFIXED}, ("single",)),
    "values in CDATA (TAO)": Package({"imsmanifest.xml": manifest(("imsqti_item_xmlv2p2", "i1/qti.xml", "")), "i1/qti.xml": TAO, "i1/style/custom/tao-user-styles.css": "p {}"}, ("multiple",)),
    "stimulus shared (QTI 3)": Package({"a.xml": v3('<qti-assessment-stimulus-ref identifier="m1" href="s/m1.xml" title="x"/>'), "s/m1.xml": STIMULUS}, ("single",)),
    "stimulus missing (QTI 3)": Package({"a.xml": v3('<qti-assessment-stimulus-ref identifier="m1" href="s/m1.xml"/>')}, (), ("X437",)),
    "companion materials (QTI 3)": Package({"a.xml": v3(COMPANIONS)}, ("single",)),
    "catalogue and keyword translations (QTI 3)": Package({"a.xml": v3("", '<p data-catalog-idref="c1">看图</p>')}, ("single",)),
    "values drawn by templates": Package({"a.xml": TEMPLATED}, (), ("X426",)),
    "adaptive": Package({"a.xml": body(f'<p>先想。</p>{ASK}<endAttemptInteraction responseIdentifier="HINT" title="提示"/>').replace('adaptive="false"', 'adaptive="true"')}, ("single",)),
    "feedback blocks": Package({"a.xml": body(f'<p>题</p>{ASK}<feedbackBlock outcomeIdentifier="FB" identifier="ok" showHide="show"><p>对了，<em>铜</em>。</p></feedbackBlock>')}, ("single",)),
    "printed variable of an outcome": Package({"a.xml": body(f'<p>已得 <printedVariable identifier="SCORE"/> 分</p>{ASK}')}, (), ("X426",)),
    "HTML5 sound": Package({"a.xml": body(f'<p>听 <audio controls="controls"><source src="a.mp3" type="audio/mpeg"/></audio></p>{ASK}', space=V22), "a.mp3": b"ID3"}, ("single",)),
    "media interaction": Package({"a.xml": body('<mediaInteraction responseIdentifier="RESPONSE" autostart="true"><object type="video/mp4" data="a.mp4"/></mediaInteraction>')}, (), ("X421",)),
    "MathML in options": Package({"a.xml": v3("", "", MATHML)}, ("single",)),
    "sections in each other, weights": Package({"imsmanifest.xml": manifest(("imsqti_test_xmlv2p1", "t.xml", "r1"), ("imsqti_item_xmlv2p1", "items/i1.xml", ""), ("imsqti_item_xmlv2p1", "items/i2.xml", "")), "t.xml": SECTIONS, "items/i1.xml": body(ASK), "items/i2.xml": body(ASK, id="i2")}, ("single", "single")),
    "Blackboard pool": Package({"imsmanifest.xml": manifest(("assessment/x-bb-qti-pool", "res00001.dat", "")), "res00001.xml": BLACKBOARD}, ("single",)),
    "Respondus": Package({"imsmanifest.xml": manifest(("imsqti_xmlv1p1", "quiz.xml", "")), "quiz.xml": RESPONDUS}, ("true_false", "fill")),
    "D2L library": Package({"imsmanifest.xml": manifest(("webcontent", "questiondb.xml", "")), "questiondb.xml": D2L}, ("single",)),
    "QTI 2.0 (Moodle plug-in)": Package({"a.xml": MOODLE2}, ("essay",)),
    "KPRIM (OpenOLAT)": Package({"a.xml": KPRIM}, ("case",)),
    "a match whose options fit several": Package({"a.xml": KPRIM.replace(">正确<", ">酸性<").replace(">错误<", ">碱性<")}, ("case",)),
    "ONYX": Package({"a.xml": ONYX}, ("single",)),
    "a byte order mark, DOS line ends": Package({"a.xml": b"\xef\xbb\xbf" + body(ASK).replace("><", ">\r\n<").encode()}, ("single",)),
    "UTF-16": Package({"a.xml": body(ASK).replace("UTF-8", "UTF-16").encode("utf-16")}, ("single",)),
    "GB18030": Package({"a.xml": body(ASK).replace("UTF-8", "GB18030").encode("gb18030")}, ("single",)),
    "no outcome, no processing": Package({"a.xml": body(ASK, processing="")}, ("single",)),
    "no key": Package({"a.xml": body(ASK, RIGHT.replace("<correctResponse><value>c2</value></correctResponse>", ""))}, (), ("X426",)),
    "a key that is no option": Package({"a.xml": body(ASK, RIGHT.replace("c2", "zz"))}, (), ("X426",)),
    "options of one identifier": Package({"a.xml": body(ASK.replace('"c3"', '"c2"'))}, (), ("X426",)),
    "associate": Package({"a.xml": associate("A D", "B E", "F C")}, ("matching",)),
    "associate, one in two pairs": Package({"a.xml": associate("A D", "A E")}, (), ("X426",)),
    "hotspot": Package({"a.xml": body(f'<hotspotInteraction responseIdentifier="RESPONSE" maxChoices="1">{PICTURE}<hotspotChoice identifier="A" shape="circle" coords="20,20,8"/></hotspotInteraction>', AREA.format(base="identifier", value="A")), "p.png": PNG}, (), ("X421",)),
    "select point": Package({"a.xml": body(f'<selectPointInteraction responseIdentifier="RESPONSE" maxChoices="1">{PICTURE}</selectPointInteraction>', AREA.format(base="point", value="3 4")), "p.png": PNG}, (), ("X421",)),
    "portable custom interaction": Package({"a.xml": body('<customInteraction responseIdentifier="RESPONSE"><portableCustomInteraction xmlns="http://www.imsglobal.org/xsd/portableCustomInteraction" customInteractionTypeIdentifier="x"/></customInteraction>')}, (), ("X421",)),
    "upload": Package({"a.xml": body('<uploadInteraction responseIdentifier="RESPONSE"><prompt>交图</prompt></uploadInteraction>', AREA.format(base="file", value=""))}, (), ("X421",)),
    "an unknown interaction": Package({"a.xml": body('<danceInteraction responseIdentifier="RESPONSE"/>')}, (), ("X421",)),
}  # fmt: skip
