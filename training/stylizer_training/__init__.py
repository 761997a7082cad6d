"""How the bundled network was made: data, network, losses, training, export, evaluation."""
