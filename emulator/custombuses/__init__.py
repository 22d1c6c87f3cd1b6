"""EventBridge's Custom Event Bus: a log for each bus, subscribers that read it at their own pace."""
