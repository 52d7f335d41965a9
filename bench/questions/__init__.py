"""One module a question: each measures one thing on a bench and returns an answer. None prints or keeps anything."""
