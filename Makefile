.PHONY: serve test long lint clean
.DEFAULT_GOAL := serve

serve:          ## set up whatever is missing and run the product
	@scripts/setup.sh app
	@exec .venv/bin/hotline serve

test:           ## set up whatever the tests need, then check and test everything
	@scripts/setup.sh dev
	@scripts/test.sh

lint:           ## only the quick checks
	@scripts/setup.sh dev
	@scripts/lint.sh

long:           ## what takes longer; writes its results into docs/
	@scripts/setup.sh dev
	@.venv/bin/hotline train
	@.venv/bin/hotline evaluate
	@.venv/bin/python benchmarks/classifiers.py
	@.venv/bin/python -m benchmarks.matching || echo "benchmarks/matching.py was skipped"
	@.venv/bin/python benchmarks/importing.py
	@PYTHONPATH=. .venv/bin/python benchmarks/publishing.py
	@TEST_FSYNC=on scripts/test_servers.sh .venv/bin/python -m benchmarks.tickets
	@TEST_LONG=1 scripts/test_servers.sh .venv/bin/python -m pytest tests/unit/test_matching_matcher.py tests/dialogue/test_restarts.py tests/dialogue/test_live_knowledge.py
	@TEST_LONG=1 HOTLINE_TEST_KILLS=60 scripts/test_servers.sh .venv/bin/python -m pytest tests/integration/test_worker_kill.py
	@.venv/bin/python -m benchmarks.conversations --chaos
	@.venv/bin/python -m benchmarks.widget

clean:          ## forget the environment, the model and the data folder
	rm -rf .venv models data
