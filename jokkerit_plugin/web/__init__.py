"""What answers below /plugins/jokkerit.register/: GraphQL and downloads."""
