/** What an input asks the model to do. */
export const DEEDS = { nothing: 0, exception: 1, exit: 2, hang: 3, memory: 4, garbage: 5, pid: 6 } as const;

/** Answers with what it was asked, or does as it says. */
export const MODEL = `
import os, time
import numpy as np

class Model:
    inputs = {"x": ("INT64", [-1, 1])}
    outputs = {"y": ("INT64", [-1, 1])}
    def predict(self, inputs):
        deeds = inputs["x"][:, 0]
        if (deeds == ${DEEDS.exception}).any(): raise ValueError("it was told to")
        if (deeds == ${DEEDS.exit}).any(): os._exit(9)
        if (deeds == ${DEEDS.hang}).any(): time.sleep(60)
        if (deeds == ${DEEDS.memory}).any(): np.ones(10 * 2 ** 30 // 8)
        if (deeds == ${DEEDS.garbage}).any(): os.write(3, b"garbage" * 10)
        return np.where(inputs["x"] == ${DEEDS.pid}, os.getpid(), inputs["x"])
`;
