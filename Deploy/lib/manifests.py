"""Whether the files for Kubernetes, compose and Grafana hold together.

    python3 Deploy/lib/manifests.py

Every selector finds its pods, every port and volume that is named is there, graces add up, and, where
kubernetes-validate is installed, each document is what Kubernetes' own schemas ask for. Needs PyYAML;
prints what is wrong and exits with 1.
"""

import ipaddress
import json
import re
import sys
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parent.parent
DEFAULTS = yaml.safe_load((DEPLOY.parent / "Config/preimage.yaml").read_text())
faults = []


def expect(condition, fault):
    if not condition:
        faults.append(fault)


def documents(path):
    return [(path.name, d) for d in yaml.safe_load_all(path.read_text()) if d]


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text).group(1))


def kubernetes():
    folder = DEPLOY / "kubernetes"
    root = yaml.safe_load((folder / "kustomization.yaml").read_text())
    listed = set(root["resources"]) | {f for g in root["configMapGenerator"] for f in g["files"]}
    # token.yaml is carried out by hand.
    present = {p.name for p in folder.iterdir()} - {"kustomization.yaml", "token.yaml"}
    expect(listed == present, f"kustomization.yaml lists {sorted(listed)}, there are {sorted(present)}")
    all_documents = [d for name in sorted(root["resources"]) for d in documents(folder / name)]
    token = documents(folder / "token.yaml")
    by_kind = {}
    for name, document in all_documents + token:
        by_kind.setdefault(document["kind"], []).append((name, document))
        validate(name, document)

    (_, workload), = by_kind["StatefulSet"]
    pod = workload["spec"]["template"]
    labels = pod["metadata"]["labels"]
    container, = pod["spec"]["containers"]
    ports = {p["name"] for p in container["ports"]}
    expect(workload["spec"]["replicas"] == 1, "a database has one process")
    expect(
        workload["spec"]["serviceName"] in {d["metadata"]["name"] for _, d in by_kind["Service"]},
        "the StatefulSet's service is missing")
    selectors = [("StatefulSet", workload["spec"]["selector"]["matchLabels"])]
    selectors += [(d["metadata"]["name"], d["spec"]["selector"]) for _, d in by_kind["Service"]]
    selectors += [("NetworkPolicy", d["spec"]["podSelector"]["matchLabels"]) for _, d in by_kind["NetworkPolicy"]]
    for name, selector in selectors:
        expect(selector and selector.items() <= labels.items(), f"{name} selects no pod: {selector}")
    for name, document in by_kind["Service"]:
        for port in document["spec"]["ports"]:
            expect(port["targetPort"] in ports, f"{name}: there is no port {port['targetPort']}")
    for _, document in by_kind["NetworkPolicy"]:
        for rule in document["spec"]["ingress"]:
            expect({p["port"] for p in rule["ports"]} <= ports, "the NetworkPolicy names another port")
    accounts = {d["metadata"]["name"] for _, d in by_kind["ServiceAccount"]}
    claims = {c["metadata"]["name"] for c in workload["spec"]["volumeClaimTemplates"]}
    generated = {g["name"] for g in root["configMapGenerator"]}
    for volume in pod["spec"]["volumes"]:
        if "configMap" in volume:
            expect(volume["configMap"]["name"] in generated, f"there is no {volume['configMap']['name']}")
    volumes = claims | {v["name"] for v in pod["spec"]["volumes"]}
    mounts = {m["name"]: m["mountPath"] for m in container["volumeMounts"]}
    expect(set(mounts) == volumes, f"volumes {sorted(volumes)}, mounted are {sorted(mounts)}")
    for spec in [pod["spec"]] + [d["spec"]["template"]["spec"] for _, d in by_kind["Job"]]:
        expect(spec["serviceAccountName"] in accounts, f"there is no account {spec['serviceAccountName']}")
        expect(spec["securityContext"]["runAsNonRoot"], "it runs as root")
        expect(spec.get("enableServiceLinks") is False, "the kubelet sets variables that are no settings")
        for one in spec["containers"]:
            context = one["securityContext"]
            expect(context["readOnlyRootFilesystem"] and context["capabilities"]["drop"] == ["ALL"], "it may do more than it needs")
            expect({"requests", "limits"} <= one["resources"].keys(), "resources are not bounded")
    for _, job in by_kind["Job"]:
        claim = job["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"]
        expect(claim in {f"{c}-{workload['metadata']['name']}-0" for c in claims}, f"there is no claim {claim}")
        # It is there before the set, which would make it like this.
        (_, made), = by_kind["PersistentVolumeClaim"]
        template, = workload["spec"]["volumeClaimTemplates"]
        expect(made["metadata"]["name"] == claim, f"the Job's claim {claim} is not made")
        expect(made["spec"] == template["spec"], "the claim is not what the set would make")
    for kind, path in [("startup", "/healthz"), ("liveness", "/healthz"), ("readiness", "/readyz")]:
        probe = container[f"{kind}Probe"]["httpGet"]
        expect(probe["path"] == path and probe["port"] in ports, f"the {kind} probe asks for {probe}")
    startup = container["startupProbe"]
    patience = startup["periodSeconds"] * startup["failureThreshold"]
    unit_text = (DEPLOY / "systemd/preimage.service").read_text()
    minutes = int(re.search(r"^TimeoutStartSec=(\d+)min$", unit_text, re.M).group(1))
    expect(patience == minutes * 60, f"a start has {patience} s, that of the unit {minutes} min")

    settings = yaml.safe_load((folder / "preimage.yaml").read_text())
    for group, names in settings.items():
        expect(names.keys() <= DEFAULTS[group].keys(), f"preimage.yaml: unknown setting in {group}")
    expect(settings["http"]["port"] == container["ports"][0]["containerPort"], "the port is another")
    database = settings["storage"]["database"]
    expect(database.startswith(mounts.get("database", "nowhere") + "/"), f"{database} is not on the claim")
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    grace = pod["spec"]["terminationGracePeriodSeconds"]
    expect(grace >= pause + settings["http"]["stop_grace_seconds"] + 10, f"a grace of {grace} s is too short")


def validate(name, document):
    try:
        import kubernetes_validate
    except ImportError:
        return
    try:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    except Exception as error:  # The package has several of its own.
        faults.append(f"{name}: {document.get('kind')}: {error}")


def compose():
    root = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())
    service = root["services"]["preimage"]
    named = {v.split(":")[0] for v in service["volumes"] if not v.startswith(".")}
    expect(named == root["volumes"].keys(), f"volumes {sorted(root['volumes'])}, used are {sorted(named)}")
    for volume in service["volumes"]:
        if volume.startswith("."):
            expect((DEPLOY / "docker" / volume.split(":")[0]).is_dir(), f"{volume}: a file that is replaced is not seen")
            expect(volume.endswith(":ro"), f"{volume} may be written")
    network, = root["networks"]["default"]["ipam"]["config"]
    gateway = ipaddress.ip_address(network["gateway"])
    expect(gateway in ipaddress.ip_network(network["subnet"]), "the gateway is of another network")
    expect(
        service["environment"]["PREIMAGE_HTTP_TRUSTED_PROXIES"] == str(gateway),
        "the published port's clients come from the gateway")
    settings = {f"PREIMAGE_{g}_{n}".upper() for g, names in DEFAULTS.items() for n in names}
    expect(service["environment"].keys() <= settings, "compose.yaml: unknown setting")
    build = service["build"]
    expect((DEPLOY / "docker" / build["context"] / build["dockerfile"]).is_file(), "there is no Dockerfile")
    expect(service["read_only"] and service["cap_drop"] == ["ALL"], "it may do more than it needs")
    expect(
        seconds(service["stop_grace_period"]) >= DEFAULTS["http"]["stop_grace_seconds"] + 10,
        "the grace of the container is too short")


def unit():
    text = (DEPLOY / "systemd/preimage.service").read_text()
    stop = int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.M).group(1))
    expect(stop >= DEFAULTS["http"]["stop_grace_seconds"] + 10, f"TimeoutStopSec={stop} is too short")


def dashboard():
    root = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
    ids = [p["id"] for p in root["panels"]]
    expect(len(set(ids)) == len(ids), "two panels have one id")
    expect({v["name"] for v in root["templating"]["list"]} >= {"datasource"}, "the data source is no variable")
    taken = set()
    for panel in root["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        expect(not cells & taken and place["x"] + place["w"] <= 24, f"{panel['title']} lies on another")
        taken |= cells
        for target in panel.get("targets", []):
            expect(target["datasource"]["uid"] == "${datasource}", f"{panel['title']} has a data source of its own")


for part in (kubernetes, compose, unit, dashboard):
    part()
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
