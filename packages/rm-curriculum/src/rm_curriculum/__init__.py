"""Which question to ask next: schedules that any trainer can use and resume exactly."""
