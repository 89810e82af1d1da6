"""Energy networks as linear programmes: what to build, how it runs hour by hour, and how far from the optimum that can be."""
