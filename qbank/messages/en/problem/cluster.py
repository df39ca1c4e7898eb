"""Estimations on a cluster."""

TEXTS: dict[str, str] = {
    "C140": "this qbank cannot use a cluster: the extra 'cluster' is not installed",
    "C140.hint": 'install qbank with it: pip install "qbank[cluster]"',
    "C141": "'{found}' names no cluster",
    "C141.hint": "give local, local:2 for two workers on this machine, or the scheduler's address as tcp://HOST:PORT",
    "C142": "no scheduler answers at {place}",
    "C142.hint": "start one with 'dask scheduler' on that machine, check host, port and firewall; --cluster local needs none",
    "C143": "the scheduler at {place} has no workers",
    "C143.hint": "start some: dask worker {place} --nthreads 1 --nworkers 4",
    "C144": "the workers at {place} have another qbank than this one, or none: {detail}",
    "C144.hint": "install the same version of qbank for scheduler, workers and here, and start the workers again",
    "C145": "all workers at {place} were lost and none came back",
    "C145.hint": "nothing was stored; start the workers and run the calibration again",
    "C146": "the workers at {place} end at the same block again and again: {detail}",
    "C146.hint": "nothing was stored; look at the memory of the workers' machines and at their logs",
}
