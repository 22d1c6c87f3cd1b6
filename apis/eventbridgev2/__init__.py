"""EventBridge's Custom Event Bus (`eventbridgev2`): buses, subscribers, event sources and events."""
