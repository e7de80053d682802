"""What a verifier found: faults, in the order of FORMAT.md's section 7, and what is told without being one."""


class Report:
    def __init__(self):
        self.faults = []
        self.told = []

    def fault(self, place, text):
        self.faults.append("%s: %s" % (place, text))

    def tell(self, place, text):
        self.told.append("%s: %s" % (place, text))
