"""Random process models and plans for the tests of the rules; a seed decides everything."""
