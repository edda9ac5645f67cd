"""漏斗: how many matches were shown, became contacts, contracts and income, and what was lost where."""
