"""The parts of benchmarks.widget: two sites to look at, a browser that looks, and the report."""
