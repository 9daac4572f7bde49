"""What every domain needs: settings, clock, calendar, regions, masking, database engine and its one migration history."""
