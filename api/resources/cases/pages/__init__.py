"""The pages of disclosure requests: 受付一覧, 受付登録, one page a step, evidence, letters."""
