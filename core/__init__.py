"""The words of CaseTrace: types, protocols, errors, time, geometry. It imports nothing of ours."""
