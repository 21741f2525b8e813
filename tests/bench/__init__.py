"""The benchmark: the bars that the product promises, as ratios measured in one run.

python -m tests.bench                     all rows (a few minutes)
python -m tests.bench --quick             small sizes, to see that all still runs
python -m tests.bench --only pipeline     one measurement
"""
