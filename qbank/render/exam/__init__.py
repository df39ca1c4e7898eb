"""Exams on screen: one self-contained page a paper or candidate, that asks nothing of any network and holds no key."""

from qbank.render.exam.page import Candidate, ExamPages, exam_pages
from qbank.render.exam.places import ScreenPlace, screen_places

__all__ = ["Candidate", "ExamPages", "ScreenPlace", "exam_pages", "screen_places"]
