"""The live view: new facts of the broker, shown to people of their tenant who look at them."""
